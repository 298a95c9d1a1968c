"""What only the embedded store does: its file, its one writer, the commit that many share."""
