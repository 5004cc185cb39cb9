"""From a file to counts. Pure: no Django, no database; Python's standard library, and openpyxl for workbooks.

linelist.py        LineListCounter: one row for each person or visit; counted while it is read, never stored
counts.py          CountsReader: counts that somebody else made, in our own format
table.py           TableReader: tables that somebody else laid out; long or wide, CSV, TSV or .xlsx
measure_report.py  MeasureReportReader: FHIR R4 summary measure reports, alone, in a Bundle, or one in each line
file_reader.py     FileReader: what these three share: errors, disagreements, what was left out
linelist_source.py LineListSource: a line list as it arrives, as text or as a workbook
looking.py         look: names, first rows and words of a table, for a person to say what they mean;
                   table_mapping_writer.py writes the mapping from the answers
linelist_looking.py  look_at_people: names of columns and values that many rows share, never a row of a line list;
                   linelist_writer.py writes the mapping from the answers
reconcile.py       reconcile: parts that do not make the total beside them, before anything is applied
counts_writer.py   write_counts: our own format, out
mapping_file.py    load_mapping: which column of a line list says what; table_mapping_file.py and
                   measure_mapping_file.py for the other two
spreadsheet.py     read_sheet: the rows of a sheet as a person sees them; spreadsheet_lines.py makes CSV lines of them
decompress.py      plain, gzip and xz alike
errors.py          what is wrong, where, and how to mend it; never the value of a line list's cell
"""
