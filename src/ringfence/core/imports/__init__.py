"""Imports: what a file of many rows has, put into the order of the store."""
