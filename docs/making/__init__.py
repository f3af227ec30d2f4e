"""What `make_pages.py` writes, one kind of page in each module."""
