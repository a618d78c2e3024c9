"""What goes out as a file: tables of the pool and of reports, and what they become.

| module | does |
|---|---|
| `report_tables` | a report → its tables, by part: what its CSV files, its workbook and its page show |
| `words` | what programs call states, rules and decisions, in words of both languages |
| `report_workbook` | a report → an XLSX workbook: a sheet for each table, and a chart |
| `report_page`, `charts`, `templates/` | a report → a page to print, with its charts as SVG |
| `ledger_tables` | entries of a ledger, and rows of a count → rows of tables |

How a cell is written into a file is `sheets`' matter. No I/O here but a workbook's temporary file.
"""
