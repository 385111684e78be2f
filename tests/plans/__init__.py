"""What is foreseen of the next plan, and what is said of it."""
