"""Files of many rows: read, looked at, put into the store a chunk at a time, and taken back.

A file is read in a process of its own (`reading_process`), which sorts its rows and packs them into
chunks. `staging` keeps the chunks in the store and tells what they would do: the preview. Then
`steps` puts them into the store or takes them back, one chunk in each transaction, so that other
writers go on between them and a crash loses nothing: whoever comes next goes on at the chunk that
is due. What a kind of row needs of all this stands in a file of its own.
"""
