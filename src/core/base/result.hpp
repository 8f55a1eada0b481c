// What a function that can fail returns. Exceptions are for bugs alone.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace signalbox {

// The six ways in which an operation can fail; each maps to one exit code and one HTTP status.
enum class ErrorKind {
  bad_input,    // the input or usage is wrong: exit 2, HTTP 400
  not_found,    // what was named does not exist: exit 2, HTTP 404
  conflict,     // it contradicts what is there: exit 2, HTTP 409
  denied,       // not allowed: exit 3, HTTP 403
  unavailable,  // a server, package or permission is missing: exit 3, HTTP 503
  internal,     // a bug in Signalbox: exit 4, HTTP 500
};

// Why something failed. `message` says what and where (file:line:column when there is one); `hint` says what
// to do, may be empty. What copies, moves and destroys is compiled once, in result.cpp: nearly every source
// has errors.
struct Error {
  Error();
  Error(ErrorKind what, std::string says, std::string to_do = {});
  Error(const Error& other);
  Error(Error&& other) noexcept;
  Error& operator=(const Error& other);
  Error& operator=(Error&& other) noexcept;
  ~Error();

  ErrorKind kind = ErrorKind::internal;
  std::string message;
  std::string hint;
};

template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

// `return fail(ErrorKind::bad_input, "…", "…");` in any function that returns a Result.
tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string hint = {});
tl::unexpected<Error> fail(Error error);

// The same error with `where: ` in front of its message.
tl::unexpected<Error> fail_in(std::string_view where, Error error);

std::string_view name_of(ErrorKind kind);  // "bad_input" …
int exit_code(ErrorKind kind);             // 2, 3 or 4
int http_status(ErrorKind kind);           // 400, 403, 404, 409, 500, 503

}  // namespace signalbox

// SIGNALBOX_TRY(auto value, expression): the value of a Result, or an early return of its error.
#define SIGNALBOX_CONCAT_INNER(a, b) a##b
#define SIGNALBOX_CONCAT(a, b) SIGNALBOX_CONCAT_INNER(a, b)
#define SIGNALBOX_TRY_INNER(temporary, declaration, ...)                  \
  auto temporary = (__VA_ARGS__);                                         \
  if (!temporary) return ::signalbox::fail(std::move(temporary).error()); \
  declaration = std::move(*temporary)
#define SIGNALBOX_TRY(declaration, ...) \
  SIGNALBOX_TRY_INNER(SIGNALBOX_CONCAT(result_, __COUNTER__), declaration, __VA_ARGS__)
// SIGNALBOX_CHECK(expression): an early return of the error of a Status or of a Result whose value is not
// needed.
#define SIGNALBOX_CHECK_INNER(temporary, ...)                                                               \
  do {                                                                                                      \
    if (auto temporary = (__VA_ARGS__); !temporary) return ::signalbox::fail(std::move(temporary).error()); \
  } while (false)
#define SIGNALBOX_CHECK(...) SIGNALBOX_CHECK_INNER(SIGNALBOX_CONCAT(status_, __COUNTER__), __VA_ARGS__)
