"""Makes the reader: data, hard negatives, training, export, figures. Never imported at run time."""
