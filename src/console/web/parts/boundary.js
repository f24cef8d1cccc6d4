import { html } from 'htm/preact';
import { Component } from 'preact';
import { ProblemBox } from './states.js';

/** A view that fails takes nothing else with it. `at`: where the page is. */
export class Boundary extends Component {
  /** @override @type {{ fault: Error | null }} */
  state = { fault: null };

  /** @override @param {Error} fault */
  static getDerivedStateFromError(fault) {
    return { fault };
  }

  /** Elsewhere is another beginning. @override @param {{ at: string }} before */
  componentDidUpdate(before) {
    if (before.at !== this.props.at && this.state.fault !== null) this.setState({ fault: null });
  }

  /** @override */
  render() {
    const { fault } = this.state;
    if (fault === null) return this.props.children;
    const problem = { status: 0, code: 'console-fault', detail: `This view failed: ${fault.message}` };
    return html`<${ProblemBox} problem=${problem} again=${() => this.setState({ fault: null })} />`;
  }
}
