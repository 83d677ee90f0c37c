"""The factors of the alignment score, one file each; the file's name is the name users type."""
