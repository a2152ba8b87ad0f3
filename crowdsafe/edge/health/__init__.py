"""What a picture says of its camera: whether it changes, is lit, sharp and looks where it did."""
