"""Facts of Russian law and paperwork: the working calendar, identifiers, VAT and names."""
