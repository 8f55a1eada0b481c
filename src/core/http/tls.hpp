// The server's side of TLS.
#pragma once

#include <memory>

#include <boost/asio/ssl/context.hpp>

#include "core/http/server.hpp"

namespace signalbox::http {

// TLS 1.2 and 1.3, forward secrecy and authenticated encryption only, HTTP/1.1 by ALPN. A file that cannot be
// read, or a key that is not the certificate's: bad_input with the file's name.
Result<std::unique_ptr<boost::asio::ssl::context>> tls_context(const TlsFiles& files);

}  // namespace signalbox::http
