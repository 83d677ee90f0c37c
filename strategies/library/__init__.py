"""Strategies that ship with Lodestone, one file each; the file name is what users type."""
