"""Pictures to detections: our own head model, any YOLO in ONNX, and ultralytics' own files."""
