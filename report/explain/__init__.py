"""Where a sentence, a finding or a cell comes from: `diptych explain`."""
