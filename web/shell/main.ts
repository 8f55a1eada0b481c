import { mount } from 'svelte';
import Shell from './Shell.svelte';
import './theme.css';

mount(Shell, { target: document.getElementById('app')! });
