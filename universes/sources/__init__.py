"""Price sources, one file each; the file name is what users type before the colon of --source."""
