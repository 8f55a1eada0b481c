import { mount } from 'svelte';
import Shell from './Shell.svelte';

mount(Shell, { target: document.getElementById('app')! });
