#!/usr/bin/env node
import '../dist/terminal/main.js';
