"""An archive of recordings: a folder of Parquet files by vehicle and day, made, checked, undone.

Station: beside the commands. In: recordings. Out: Parquet files that DuckDB, polars and pandas read
(`evdiag.recordings.parquet` is their form), and the recordings back.
"""
