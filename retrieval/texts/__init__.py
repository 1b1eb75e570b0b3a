"""What words mean: dates, numbers, names, negations, times, languages; for stages that read texts."""
