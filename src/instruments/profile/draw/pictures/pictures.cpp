// Draws folded stacks, for tests in a browser and for the eye:
//   profile_draw_pictures FOLDED OUT.svg|OUT.html [BASE-FOLDED]
#include <cstdio>
#include <filesystem>
#include <string>

#include "core/base/file.hpp"
#include "instruments/profile/draw/flame_difference.hpp"
#include "instruments/profile/draw/flame_svg.hpp"
#include "instruments/profile/draw/testing.hpp"

namespace signalbox::profile {

namespace {

constexpr std::int64_t kPeriod = 1001001;  // ns: 999 Hz

Result<Profile> read(const std::filesystem::path& path) {
  SIGNALBOX_TRY(const std::string text, read_file(path));
  Profile profile = testing::profile_of_folded(text, kPeriod);
  profile.period_type = {"cpu", "nanoseconds"};
  profile.period = kPeriod;
  profile.duration_ns = 9'000'000'000;
  profile.annotations = {{"command", "clang++ -O2 -c ledger.cpp"},
                         {"host", "build-7"},
                         {"git.commit", "4be1f2096ac5d8e07f31"},
                         {"overhead", "0.4 %"},
                         {"lost", "0"}};
  return profile;
}

Status draw(int count, char** words) {
  SIGNALBOX_TRY(const Profile profile, read(words[1]));
  FlameTree tree;
  if (count > 3) {
    SIGNALBOX_TRY(const Profile base, read(words[3]));
    tree = make_flame_difference(base, profile);
  } else {
    tree = make_flame_tree(profile);
  }
  return write_file_atomically(words[2], render_flame_svg(tree));
}

}  // namespace

}  // namespace signalbox::profile

int main(int count, char** words) {
  if (count < 3) {
    std::fputs("profile_draw_pictures FOLDED OUT [BASE-FOLDED]\n", stderr);
    return 2;
  }
  const signalbox::Status drawn = signalbox::profile::draw(count, words);
  if (drawn) return 0;
  std::fprintf(stderr, "%s\n", drawn.error().message.c_str());
  return 1;
}
