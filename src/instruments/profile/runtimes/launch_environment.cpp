#include "instruments/profile/runtimes/launch_environment.hpp"

#include <cstdlib>
#include <string_view>

namespace signalbox::profile {
namespace {

std::string with(const char* name, std::string_view more) {
  const char* const has = std::getenv(name);
  std::string out = has == nullptr ? "" : has;
  if (out.find(more) != std::string::npos) return out;
  if (!out.empty()) out += ' ';
  return out.append(more);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> launch_environment() {
  return {{"NODE_OPTIONS", with("NODE_OPTIONS", "--perf-basic-prof --interpreted-frames-native-stack")},
          {"JAVA_TOOL_OPTIONS", with("JAVA_TOOL_OPTIONS",
                                     "-XX:+IgnoreUnrecognizedVMOptions -XX:+PreserveFramePointer "
                                     "-XX:+UnlockDiagnosticVMOptions -XX:+DumpPerfMapAtExit")}};
}

}  // namespace signalbox::profile
