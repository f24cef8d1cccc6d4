"""The Python side of Hamlet: trains, embeds and edits, one job at a time, each in a process of its own."""
