import http.server


class Answer(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"version one\n" + open("/tmp/hook", "rb").read() if self.path == "/hook" else b"version one\n")


http.server.HTTPServer(("", 8000), Answer).serve_forever()
