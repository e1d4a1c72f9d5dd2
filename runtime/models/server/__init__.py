"""KServe's model server with one ONNX model; imported only by a process that serves."""
