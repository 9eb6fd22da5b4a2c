import http.server
import os


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{os.environ['GREETING']} world\n".encode())


http.server.HTTPServer(("", 5000), Answer).serve_forever()
