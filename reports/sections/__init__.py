"""One file a section of the page, each with a constant `SECTION`; the order on the page is the section's own."""
