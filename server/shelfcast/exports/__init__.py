"""What goes out as a file: tables of the pool and of reports, and what they become.

| module | does |
|---|---|
| `report_tables`, `report_summary` | a report → its tables, by part, which CSV files, workbook and page show |
| `report_workbook` | a report → an XLSX workbook: a sheet for each table, and a chart |
| `report_page`, `charts`, `page_words`, `templates/` | a report → a page to print, with its charts as SVG |
| `ledger_table`, `count_table` | entries of a ledger, and what was counted → rows of tables |
| `fields`, `words` | a column with what it has of a row's object; programs' words in both languages |
| `paged_workbook` | rows that are read page by page → a workbook, which a thread writes |
| `giving_way` | such a thread gives those who serve their turn |

How a cell is written into a file is `sheets`' matter. No I/O here but a workbook's temporary file.
"""
