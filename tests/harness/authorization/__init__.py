"""Who may see and do what: probes generated from the document, and bugs planted to prove them."""
