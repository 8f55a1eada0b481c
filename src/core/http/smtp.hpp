// Handing a mail to a server (RFC 5321), over libcurl.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/http/client.hpp"
#include "core/http/mail.hpp"
#include "core/http/secret.hpp"

namespace signalbox::http {

struct MailServer {
  std::string url;        // smtp://host:587, or smtps://host:465
  std::string user;       // empty: nobody signs in
  SecretSource password;  // of the user
  std::string ca_file;    // PEM; empty: the system's authorities
  // Whether a connection without TLS is made secure before anything is said. `where_offered` is for servers
  // on this machine, and goes without a user.
  enum class StartTls { always, where_offered } start_tls = StartTls::always;
};

// bad_input where the address is none of a mail server, or a password might go out in clear.
Status check_mail_server(const MailServer& server);

// Returns once the server has taken it for every recipient. Nothing is tried again. `reached`: where it
// fails, whether the server may have taken it all the same. The password is in no error.
Status send_mail(const MailServer& server, const Mail& mail, std::chrono::milliseconds deadline,
                 Reached& reached);

// What a line of a server's reply says, "550 5.1.1 nobody of that name", as a message shows it: printable, at
// most 200 columns; empty where the line is no reply.
std::string reply_words(std::string_view line);

}  // namespace signalbox::http
