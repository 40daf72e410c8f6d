"""The ledger: units, what they have and what that carries, as whole numbers. All that is counted is made of it."""
