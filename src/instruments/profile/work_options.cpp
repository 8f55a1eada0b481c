#include "instruments/profile/work_options.hpp"

#include "instruments/profile/profile_file.hpp"

namespace signalbox::profile {

Result<WorkOptions> work_options(const cli::Arguments& arguments) {
  WorkOptions out;
  SIGNALBOX_TRY(const auto both, positive_number(arguments, "--work"));
  SIGNALBOX_TRY(out.base, positive_number(arguments, "--work-base"));
  SIGNALBOX_TRY(out.fresh, positive_number(arguments, "--work-new"));
  if (both && (out.base || out.fresh))
    return fail(ErrorKind::bad_input,
                "--work is for both sides: --work-base and --work-new are instead of it");
  if (both) out.base = out.fresh = both;
  return out;
}

std::vector<cli::Option> work_option_list() {
  return {{.name = "--work", .value = "N", .help = "units of work that each run did, of both sides"},
          {.name = "--work-base", .value = "N", .help = "units of work of each run of the base"},
          {.name = "--work-new", .value = "N", .help = "units of work of each run of the candidate"}};
}

}  // namespace signalbox::profile
