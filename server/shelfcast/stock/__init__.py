"""The stock book: model, book, feed, audit and the function library."""
