// SHA-256 (FIPS 180-4) over OpenSSL. A digest is 32 octets; in text it is 64 lower-case hexadecimal digits.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view octets);

// SHA-256 of octets that arrive in pieces. `finish` may be called once.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;
  void update(std::string_view octets);
  Sha256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string to_hex(const Sha256& digest);
Result<Sha256> sha256_from_hex(std::string_view hex);  // exactly 64 digits
bool is_sha256(std::string_view hex);                  // 64 digits, lower case alone
inline std::string_view as_octets(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
Result<Sha256> sha256_from_octets(std::string_view octets);  // exactly 32 octets

}  // namespace signalbox
