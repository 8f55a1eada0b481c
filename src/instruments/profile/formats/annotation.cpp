#include "instruments/profile/formats/annotation.hpp"

#include <algorithm>

namespace signalbox::profile {
namespace {

bool is_key(std::string_view text) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace

void add_comment(Profile& profile, std::string_view comment) {
  const std::size_t equals = comment.find('=');
  if (equals != std::string_view::npos && is_key(comment.substr(0, equals))) {
    profile.annotations.emplace_back(comment.substr(0, equals), comment.substr(equals + 1));
  } else {
    profile.comments.emplace_back(comment);
  }
}

}  // namespace signalbox::profile
