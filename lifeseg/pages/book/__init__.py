"""The plain data of a book comes in; a page of HTML, a text of Markdown or a PDF goes out."""
