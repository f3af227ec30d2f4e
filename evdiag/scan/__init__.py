"""Hundreds of recordings at once: found, read in parallel, and put into tables.

Station: beside the commands. In: files, folders, globs and URLs. Out: a folder with a log that only
grows (`log`), and the Parquet tables made of it (`tables`). Read in this order: `folders` and
`remote` say what there is (`places`), `work` is what is done with one recording (`content` says
which it is, `answers` what is said of it, in `rows`), `crew` and `cluster` are who does it,
`scanning` is the loop.
"""
