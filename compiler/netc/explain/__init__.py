"""The pages of diagnostic codes, one Markdown file each, run by the tests."""
