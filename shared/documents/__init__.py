"""Documents from templates: DOCX for people who go on writing, PDF for those who read and sign."""
