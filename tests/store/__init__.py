"""The truth: transactions, schema, rows."""
