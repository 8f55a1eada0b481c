#include "instruments/profile/capture/command_masking.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace signalbox::profile {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::array<std::string_view, 11> kSecretWords{"password", "passwd",     "passphrase", "token",
                                                        "secret",   "credential", "apikey",     "api-key",
                                                        "api_key",  "access-key", "access_key"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return out;
}

bool names_a_secret(std::string_view name) {
  const std::string text = lower(name);
  if (text.ends_with("_key") || text.ends_with("-key") || text.ends_with("auth")) return true;
  return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

// "https://user:password@host" → "https://***@host", wherever it stands in the word.
std::string without_url_credentials(std::string word) {
  for (std::size_t at = word.find("://"); at != std::string::npos; at = word.find("://", at + 1)) {
    const std::size_t begin = at + 3;
    const std::size_t end = std::min(word.find_first_of("/?# \"'", begin), word.size());
    const std::size_t sign = word.rfind('@', end == 0 ? 0 : end - 1);
    if (sign != std::string::npos && sign >= begin && sign < end) word.replace(begin, sign - begin, kMask);
  }
  return word;
}

// "Authorization: Bearer abc" → "Authorization: ***", as clients of HTTP are given headers: with a blank
// behind the colon or without, by itself or behind the letter or the name of its option ("-HCookie: a=b").
std::string without_header_value(std::string word) {
  const std::size_t colon = word.find(':');
  if (colon == std::string::npos || word.substr(colon).starts_with("://")) return word;
  const std::string name = lower(std::string_view(word).substr(0, colon));
  if (!name.ends_with("authorization") && !name.ends_with("cookie") && !names_a_secret(name)) return word;
  const std::size_t value = word.find_first_not_of(' ', colon + 1);
  if (value != std::string::npos) word.replace(value, std::string::npos, kMask);
  return word;
}

// Options whose value is "USER:PASSWORD", as curl and wget have them.
bool takes_user_and_password(std::string_view option) {
  return option == "-u" || option == "--user" || option == "--proxy-user" || option == "-U";
}

// "bob:hunter2" → "bob:***".
std::string without_password(std::string word) {
  const std::size_t colon = word.find(':');
  if (colon != std::string::npos && word.find("://") == std::string::npos)
    word.replace(colon + 1, std::string::npos, kMask);
  return word;
}

// What programs mean that take a password behind a letter: mysql -pSECRET, sshpass -p SECRET. Elsewhere -p is
// a port, or a path.
enum class LetterP { other, password_in_word, password_in_word_or_next };
LetterP letter_p_of(std::string_view program) {
  const std::string_view name = program.substr(program.rfind('/') + 1);
  if (name == "sshpass") return LetterP::password_in_word_or_next;
  const bool is_client = name.starts_with("mysql") || name.starts_with("mariadb");
  return is_client ? LetterP::password_in_word : LetterP::other;
}

bool is_plain(std::string_view word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%^";
  return !word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos;
}

}  // namespace

std::vector<std::string> masked(const std::vector<std::string>& argv) {
  std::vector<std::string> out;
  bool next_is_secret = false;
  bool next_has_password = false;
  LetterP letter = LetterP::other;
  for (std::string word : argv) {
    if (std::exchange(next_is_secret, false)) {
      out.emplace_back(kMask);
      continue;
    }
    if (letter == LetterP::other) letter = letter_p_of(word);
    const bool is_option = word.starts_with("-");
    // The option before may have been of another kind: what looks like an option is looked at as one, too.
    if (std::exchange(next_has_password, false) && !is_option) word = without_password(std::move(word));
    if (letter != LetterP::other && word.starts_with("-p") && word.size() > 2) {
      out.push_back("-p" + std::string(kMask));
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string_view name = std::string_view(word).substr(0, equals);
    if (equals != std::string::npos && names_a_secret(name)) {
      out.push_back(word.substr(0, equals + 1).append(kMask));
      continue;
    }
    if (equals == std::string::npos) {
      next_has_password = takes_user_and_password(word);
      next_is_secret = (letter == LetterP::password_in_word_or_next && word == "-p") ||
                       (is_option && word.find_first_of(" :") == std::string::npos && names_a_secret(word));
    } else if (takes_user_and_password(name)) {
      word = word.substr(0, equals + 1) + without_password(word.substr(equals + 1));
    }
    out.push_back(without_url_credentials(without_header_value(std::move(word))));
  }
  return out;
}

std::string as_shell_words(const std::vector<std::string>& argv) {
  std::string out;
  for (const std::string& word : argv) {
    if (!out.empty()) out += ' ';
    if (is_plain(word)) {
      out += word;
      continue;
    }
    out += '\'';
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out += '\'';
  }
  return out;
}

}  // namespace signalbox::profile
