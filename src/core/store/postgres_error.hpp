#pragma once

#include <string_view>

#include "core/base/result.hpp"

namespace signalbox::store {

// What an error of PostgreSQL means to the user. `sqlstate`: its five-letter code (PostgreSQL's Appendix A),
// empty when the server was not reached or the connection broke. `where` names the store, without a password.
Error postgres_error(std::string_view where, std::string_view sqlstate, std::string_view message);

// The code within libpq's verbose message of a failed connection ("FATAL:  28P01: password …"); it depends on
// no language. Empty where there is none.
std::string_view sqlstate_in(std::string_view message);

// A failed connection as libpq tells it, one line, without code and source location.
Error postgres_connection_error(std::string_view where, std::string_view message, bool needs_password);

}  // namespace signalbox::store
