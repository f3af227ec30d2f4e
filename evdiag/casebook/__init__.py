"""The case book: vehicles, cases, what their recordings showed, what was tried, what helped.

Station: beside the commands, over a database. Read in this order: `place` (where the book is),
`opening` (the book itself, `sqlite` and `postgresql` below it, `migrating` above), `model` (what is
in it), `cases` and `entries` (what a person writes), `adding`, `filing` and `scanning` (what
recordings show), `reading` (what screens get: the plain `values`; `looking` opens the book for
that), `telling` (a case in sentences), `page` (a case as a document), `histories`, `exchange`,
`backup`, `forgetting`.
"""
