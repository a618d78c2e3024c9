"""Files that people make, read for what they mean: CSV files and workbooks of Excel, WPS, LibreOffice and programs.

- `table` reads any such file as a header and rows of text, each with the line it stands on, and names what is wrong
  with a cell as a `Fault` (line, column, message).
- `catalogue` reads a table as articles with opening stock: what `shelfcast import` and the console take.
- `orders` reads a table as a day of orders: what `shelfcast replay` and `shelfcast demo` play.

Nothing here opens a socket, prints, or knows a server: a file goes in, values and faults come out.
"""
