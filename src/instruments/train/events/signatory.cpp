#include "instruments/train/events/signatory.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/config/workspace.hpp"
#include "core/evidence/keys.hpp"

namespace signalbox::train {

Result<Signatory> find_signatory(const evidence::Trust& trust, const std::string& name) {
  SIGNALBOX_TRY(const evidence::StoredKey stored, evidence::KeyStore(keys_directory()).find(name));
  const auto trusted =
      std::find_if(trust.keys.begin(), trust.keys.end(),
                   [&](const evidence::TrustedKey& one) { return one.key.same_key(stored.key); });
  if (trusted != trust.keys.end()) return Signatory{name, *trusted};
  return fail(
      ErrorKind::denied, fmt::format("the policy does not trust the key {}", printable(name)),
      fmt::format("sign with --key NAME, or trust it: what `signalbox evidence key export {} --format vkey` "
                  "prints goes into section trust; it counts from the release on that carries it",
                  shell_word(name)));
}

}  // namespace signalbox::train
