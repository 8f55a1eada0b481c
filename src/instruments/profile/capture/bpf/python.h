/* The frames of Python of the thread that is sampled, read from its memory while it stands still at the sample. */
#pragma once

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 8192);
  __type(key, __u32); /* tgid */
  __type(value, struct sb_python);
} sb_pythons SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 16384);
  __type(key, __u32); /* tid */
  __type(value, struct sb_python_thread);
} sb_python_threads SEC(".maps");

#define SB_PYTHON_OWNED_BY_C 3 /* FRAME_OWNED_BY_CSTACK: where C calls Python, and no function */
#define SB_PYTHON_ADDRESS 0x0000fffffffffff8ull /* of an object, without tags */

struct sb_python_walk {
  struct sb_sample *sample;
  struct sb_python *python;
  __u64 frame;
  __u64 hash;
  __u32 state; /* enum sb_python_state */
};

/* One frame. 1 ends the walk. How many words there are is counted in the sample: of what lies in a map the verifier knows no
   value, and one turn is to it as the next. */
static long sb_python_step(__u32 index, struct sb_python_walk *walk) {
  struct sb_python *python = walk->python;
  struct sb_sample *sample = walk->sample;
  __u64 frame = walk->frame;
  if (frame == 0) return 1;
  __u64 previous = 0;
  __u64 code = 0;
  __u64 instruction = 0;
  __u8 entry = 0;
  long failed = bpf_probe_read_user(&previous, sizeof previous, (void *)(frame + python->frame_previous));
  failed |= bpf_probe_read_user(&code, sizeof code, (void *)(frame + python->frame_code));
  failed |= bpf_probe_read_user(&instruction, sizeof instruction, (void *)(frame + python->frame_instruction));
  if (python->entry != SB_PYTHON_EACH)
    failed |= bpf_probe_read_user(&entry, sizeof entry, (void *)(frame + python->frame_entry));
  if (failed) {
    walk->state = SB_PYTHON_NONE;
    return 1;
  }
  walk->frame = previous;
  __u32 words = sample->python_words;
  if (python->entry == SB_PYTHON_BY_OWNER && entry == SB_PYTHON_OWNED_BY_C) {
    if (words == 0) return 0;
    __u32 last = sample->python_begin + words - 2;
    SB_HIDE(last);
    sample->frames[last & (SB_MAX_WORDS - 1)] |= SB_PYTHON_BY_C;
    return 0;
  }
  if (words >= 2 * SB_MAX_PYTHON_FRAMES) {
    walk->state = SB_PYTHON_CUT;
    return 1;
  }
  code &= SB_PYTHON_ADDRESS;
  walk->hash = sb_mix(sb_mix(walk->hash, code), instruction);
  if (python->entry == SB_PYTHON_EACH || (python->entry == SB_PYTHON_MARKED && (entry & 1))) code |= SB_PYTHON_BY_C;
  __u32 at = sample->python_begin + words;
  SB_HIDE(at);
  sample->frames[at & (SB_MAX_WORDS - 1)] = code;
  at += 1;
  SB_HIDE(at);
  sample->frames[at & (SB_MAX_WORDS - 1)] = instruction;
  sample->python_words = words + 2;
  return 0;
}

/* Adds the frames of Python behind those of machine code, where the thread has some. */
static __always_inline void sb_add_python(struct sb_walk *of, __u32 tgid, __u32 tid) {
  of->sample->python_state = SB_PYTHON_NONE;
  struct sb_python *python = bpf_map_lookup_elem(&sb_pythons, &tgid);
  if (!python) return;
  of->sample->python_state = SB_PYTHON_MISSED;
  struct sb_python_thread *thread = bpf_map_lookup_elem(&sb_python_threads, &tid);
  if (!thread || thread->tgid != tgid) return;
  __u64 id = 0;
  __u64 top = thread->state + python->thread_frame;
  if (bpf_probe_read_user(&id, sizeof id, (void *)(thread->state + python->thread_id)) || id != thread->id) return;
  of->sample->python_state = SB_PYTHON_NONE;
  if (python->has_c_frame) {
    if (bpf_probe_read_user(&top, sizeof top, (void *)top)) return;
    top += python->c_frame_current;
  }
  /* Addresses are the process' own: those of one that was forked are what the other's are, and of other functions. */
  struct sb_python_walk walk = {
      .sample = of->sample, .python = python, .hash = sb_mix(of->hash, tgid), .state = SB_PYTHON_READ};
  if (bpf_probe_read_user(&walk.frame, sizeof walk.frame, (void *)top)) return;
  of->sample->python_begin = of->kernel_frames + of->depth;
  of->sample->python_words = 0;
  bpf_loop(4 * SB_MAX_PYTHON_FRAMES, sb_python_step, &walk, 0);
  if (walk.state == SB_PYTHON_NONE || of->sample->python_words == 0) return;
  of->sample->python_state = walk.state;
  of->python_words = of->sample->python_words;
  of->hash = walk.hash;
}
