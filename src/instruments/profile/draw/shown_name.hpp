// Names of functions as they are shown: safe in any document, and as short as a person reads them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox::profile {

inline constexpr std::size_t kNameOctetsMax =
    2048;  // of a name in a document; what is longer says its length

// Well-formed UTF-8 that XML and HTML may hold once it is escaped, and that reads in the order it is written:
// control characters, marks that turn the direction of text, and characters that XML lacks are shown by their
// number; invalid octets as \xHH. Longer than `most` octets: cut, with the whole length said.
std::string plain_text(std::string_view octets, std::size_t most = kNameOctetsMax);

// A name without what is seldom read: arguments of functions and long ones of templates, the type returned,
// hashes and marks of compilers.
//   "void std::__sort<long*>(long*, long*) [clone .isra.0]"     "std::__sort<long*>"
//   "std::map<std::string, std::vector<int> >::find(…) const"   "std::map<…>::find"
//   "foo(int)::{lambda(auto:1)#2}::operator()() const"          "foo::{lambda#2}::operator()"
//   "core::fmt::write::h0123456789abcdef"                       "core::fmt::write"
// Names of Go, Python, Java and JavaScript stay as they are.
std::string short_name(std::string_view name);

// What of a short name fits a number of characters: without the qualifiers in front, the last of them cut at
// its start, then the name cut; empty where fewer than five would be left.
std::string fitted_name(std::string_view name, std::size_t characters);

}  // namespace signalbox::profile
