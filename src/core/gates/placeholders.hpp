// Names in braces that a configuration writes for something of a release.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace signalbox::gates {

struct Placeholder {
  std::string_view name;  // "{version}"
  std::string_view value;
};
// "dist/app-{version}.tar.gz" → "dist/app-1.2.0.tar.gz". What a value brings is not looked at again; other
// braces stay as they are.
std::string filled(std::string_view pattern, std::initializer_list<Placeholder> placeholders);

}  // namespace signalbox::gates
