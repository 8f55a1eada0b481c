// Small operations on text. Text is UTF-8 unless said otherwise.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

std::string_view trim(std::string_view text);  // ASCII white space from both ends
std::vector<std::string_view> split(std::string_view text,
                                    char separator);  // "a,,b" has three parts; "" has one
std::vector<std::string_view> lines(
    std::string_view text);  // split at LF, a CR before it dropped, no empty last line
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);  // ASCII
std::string to_lower(std::string_view text);                                     // ASCII
std::string join(const std::vector<std::string>& parts, std::string_view separator);
// "1 commit", "2 commits"; `many` where it is not `one` and an s: "2 entries".
std::string counted(std::uint64_t count, std::string_view one, std::string_view many = {});

bool is_utf8(
    std::string_view octets);  // well-formed as Unicode 15 table 3-7 says: no surrogates, no overlong forms
std::string escape_invalid_utf8(
    std::string_view octets);  // each octet that is not part of well-formed UTF-8 becomes \xHH
// The same text with control characters (C0 but tab and newline, DEL, C1) shown as \xHH, so that a terminal
// obeys none of them.
std::string printable(std::string_view octets);
std::size_t display_width(
    std::string_view text);  // terminal columns: 0 for combining marks, 2 for wide East Asian and emoji
std::string cut_to_width(std::string_view text, std::size_t columns);  // ends in "…" where something was cut

// The text as one word of a POSIX shell: as it is where that is safe, else in single quotes.
std::string shell_word(std::string_view text);

std::size_t edit_distance(std::string_view a,
                          std::string_view b);  // Damerau-Levenshtein, octets, optimal string alignment
// The candidate nearest to `word`, when it is near enough to be a slip of the fingers.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

// `*` any run without '/', `**` any run, `?` one character but '/', the rest literally.
bool glob_match(std::string_view pattern, std::string_view text);

std::optional<long long> parse_integer(
    std::string_view text);  // decimal, optional '-', the whole text, within 64 bits

}  // namespace signalbox
