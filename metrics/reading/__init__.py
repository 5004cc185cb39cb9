"""From a file to counts. Pure: no Django, no database, nothing but Python's standard library.

linelist.py      LineListCounter: one row for each person or visit; counted while it is read, never stored
counts.py        CountsReader: counts that somebody else made
counts_writer.py write_counts: the same format, out
mapping_file.py  load_mapping: which column of a line list says what
decompress.py    plain, gzip and xz alike
errors.py        what is wrong, where, and how to mend it; never the value of a line list's cell
"""
