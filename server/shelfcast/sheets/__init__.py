"""Files that people make, read for what they mean: CSV files and workbooks of Excel, WPS, LibreOffice and programs; and
how tables are written into such files.

| module | does |
|---|---|
| `reading` | reads any such file, by its content, into a table: `read_sheet`, `read_content` |
| `table` | a header and rows of cells with the line each stands on; faults (line, column, message); bounds |
| `encodings`, `csv_text` | bytes → text → lines of a CSV file; what was guessed is said in the table's `notes` |
| `workbook`, `worksheet`, `number_formats`, `xml_parts` | an XLSX file → the lines of its first visible sheet |
| `values`, `times` | a cell → code, line of text, number, time; or ValueError, which says what the spreadsheet did |
| `catalogue` | a table → articles with opening stock: what `shelfcast import` takes |
| `count_sheet` | a count's sheet to fill in, and a table of what was filled in |
| `columns` | tables that go out: columns with their names and what their cells are, rows |
| `writing`, `workbooks` | such tables as CSV files, and as XLSX workbooks (XlsxWriter) |
| `goods` | the catalogue as a table that goes out, and is read back the same |
| `levels` | a table → what an ERP has on hand, SKU by SKU |
| `orders` | a table → a day of orders: what `shelfcast replay` and `shelfcast demo` play |

The rule for all of them: a cell is read as the person saw it, or it is a fault that says line, column and what the
spreadsheet did. It is never another value without a word. A file that cannot be read is one InvalidInput in one line.

Nothing here opens a socket, prints, or knows a server: a file goes in, values and faults come out, and the other way.
"""
