// The prose of a notebook in JupyterLab as its report will have it: the kernel evaluates its
// values in the order of the cells, and jpreport.lab.prose sets it. Written as the module that a
// bundler would make of it, so that what is shipped is what is read here.
(() => {
  "use strict";

  const ASK = '__import__("jpreport.lab.prose", fromlist=["page"])';
  const TABLE = "application/vnd.jpreport.table+json";
  const CHART = "application/vnd.jpreport.chart+json";
  const NO_PICTURE = "<svg xmlns='http://www.w3.org/2000/svg'/>";
  const STYLE = `
    .jpreport-waiting { opacity: 0.55; }
    .jpreport-prose .figure { border-bottom: 1px dotted; cursor: help; }
    .jpreport-prose h2 .number, .jpreport-prose h3 .number { padding-right: 0.4em; }
    .jpreport-prose .callout { border-left: 4px solid var(--jp-brand-color1);
      background: var(--jp-layout-color2); padding: 0.4em 0.9em; margin: 0.8em 0; }
    .jpreport-prose .callout.warning { border-color: var(--jp-warn-color1); }
    .jpreport-prose .callout-title { font-weight: bold; }
    .jpreport-notes { border-top: 1px solid var(--jp-border-color2); font-size: 0.9em; }
    .jpreport-problem { color: var(--jp-error-color1); }
    .jpreport-faults { padding: 0 8px; }
    .jpreport-caption { padding: 4px 8px; font-weight: bold; }
    .jp-CodeCell .jp-Cell-outputWrapper:has(.jpreport-caption) { flex-wrap: wrap; }
    .jp-CodeCell .jp-Cell-outputWrapper .jpreport-caption { flex: 0 0 100%; box-sizing: border-box;
      padding-left: calc(var(--jp-cell-prompt-width) + var(--jp-cell-collapser-width) + 8px); }
    .jp-CodeCell .jp-Cell-outputWrapper:has(.jpreport-caption) .jp-OutputArea { flex: 1 1 0; }`;

  // Lab's own modules, as it shares them.
  let shared;
  const lab = async (name) => (await Object.values(shared[name])[0].get())();

  /** What the report needs of a cell; pictures stay here. */
  function told(cell) {
    const { id, cell_type, source, metadata, outputs } = cell.model.toJSON();
    const text = Array.isArray(source) ? source.join("") : source;
    const kept = { id, cell_type, source: text, metadata: { tags: metadata.tags ?? [] } };
    if (cell_type === "code") kept.outputs = outputs.filter((o) => o.data).map(light);
    return kept;
  }

  function light({ output_type, data }) {
    if (data[TABLE]) data = { [TABLE]: { ...data[TABLE], figures: [] } };
    else if (data[CHART] || Object.keys(data).some((name) => name.startsWith("image/")))
      data = { [CHART]: { ...data[CHART], figures: [] }, "image/svg+xml": NO_PICTURE };
    else data = { "text/html": data["text/html"], "text/plain": data["text/plain"] };
    return { output_type, data, metadata: {} };
  }

  /** The prose of one open notebook. */
  class Pages {
    constructor(panel) {
      this.panel = panel;
      this.prose = new Map(); // by cell: the source that was set, and its HTML
      panel.sessionContext.kernelChanged.connect((_, { newValue }) => newValue && this.later());
    }

    get kernel() {
      return this.panel.sessionContext.session?.kernel;
    }

    /** Ask the kernel; what it cannot answer (no jpreport there, an interruption) is undefined. */
    async ask(call, ...values) {
      const given = values.map((value) => JSON.stringify(value)).join(", ");
      const user_expressions = { told: `${ASK}.${call}(${given})` };
      const content = { code: "", silent: true, store_history: false, allow_stdin: false };
      const sent = this.kernel.requestExecute({ ...content, user_expressions });
      const answer = (await sent.done).content.user_expressions?.told;
      if (answer?.status === "error") console.warn(`jpreport: ${answer.ename}: ${answer.evalue}`);
      return answer?.status === "ok" ? answer.data["application/json"] ?? {} : undefined;
    }

    /** Evaluate the values of a cell's text behind the cells that were sent before it. */
    evaluate({ model }) {
      const found = this.prose.get(model.id);
      if (found) found.source = undefined;
      this.ask("evaluate", model.id, model.type, model.sharedModel.getSource()).catch(() => {});
      this.later();
    }

    /** Set all prose anew, once for all cells that run within a moment or while the kernel works. */
    later() {
      clearTimeout(this.timer);
      this.timer = setTimeout(async () => {
        if (this.asked) return void (this.again = true);
        this.asked = true;
        await this.refresh().catch(console.warn);
        this.asked = false;
        if (this.again) this.later();
        this.again = false;
      }, 60);
    }

    async refresh() {
      if (!this.kernel || this.panel.isDisposed) return;
      const cells = this.panel.content.widgets;
      const sent = cells.map(told);
      const answer = await this.ask("page", JSON.stringify({ cells: sent }));
      if (!answer) return;
      const sources = new Map(sent.map((cell) => [cell.id, cell.source]));
      for (const [id, html] of Object.entries(answer.prose))
        this.prose.set(id, { source: sources.get(id), html });
      for (const cell of this.panel.content.widgets) {
        cell.node.querySelectorAll(".jpreport-markdown").forEach((node) => node.show?.());
        if (cell.model.type !== "code") continue;
        caption(cell, answer.captions[cell.model.id]);
        faults(cell, answer.faults[cell.model.id]);
      }
    }
  }

  /** Put a table's or a chart's caption above it, where references lead. */
  function caption(cell, words) {
    const outputs = cell.node.querySelector(".jp-Cell-outputWrapper");
    outputs?.querySelector(".jpreport-caption")?.remove();
    if (!outputs || !words) return;
    const line = document.createElement("div");
    line.className = "jpreport-caption";
    line.id = words.label;
    line.textContent = `${words.number}  ${words.caption}`;
    outputs.prepend(line);
  }

  /** Say below a cell's source what is wrong with its options and tags. */
  function faults(cell, html) {
    cell.node.querySelector(".jpreport-faults")?.remove();
    const source = cell.node.querySelector(".jp-Cell-inputWrapper");
    if (!source || !html) return;
    const box = document.createElement("div");
    box.className = "jpreport-faults";
    box.innerHTML = html;
    source.after(box);
  }

  /** A renderer of Markdown that shows the report's prose, and until it is there, Lab's own. */
  function renderer(Panel, Widget, pages, plain) {
    const shown = new Widget();
    shown.addClass("jpreport-prose");
    shown.addClass("jp-RenderedHTMLCommon");
    shown.addClass("jp-RenderedMarkdown");
    const panel = new Panel();
    panel.addClass("jpreport-markdown");
    panel.addWidget(plain);
    panel.addWidget(shown);
    let text = "";
    panel.node.show = () => {
      let cell = panel.parent;
      while (cell && !cell.model?.sharedModel) cell = cell.parent;
      const found = cell && pages.prose.get(cell.model.id);
      panel.toggleClass("jpreport-waiting", Boolean(found && found.source !== text));
      plain.setHidden(Boolean(found));
      shown.setHidden(!found);
      if (found && shown.node.innerHTML !== found.html) shown.node.innerHTML = found.html;
    };
    panel.renderModel = async (model) => {
      text = model.data["text/markdown"];
      await plain.renderModel(model);
      panel.node.show();
    };
    const attached = panel.onAfterAttach.bind(panel);
    panel.onAfterAttach = (message) => {
      attached(message);
      panel.node.show();
    };
    panel.node.addEventListener("click", (event) => {
      const target = event.target.closest('a[href^="#"]')?.getAttribute("href").slice(1);
      const place = target && pages.panel.node.querySelector(`[id="${CSS.escape(target)}"]`);
      if (!place) return;
      event.preventDefault();
      event.stopPropagation();
      place.scrollIntoView({ block: "center" });
    }, true);
    return panel;
  }

  async function plugins() {
    const notebook = await lab("@jupyterlab/notebook");
    const { Panel, Widget } = await lab("@lumino/widgets");
    const open = new WeakMap(); // by the model of a notebook

    const executor = {
      id: "jpreport:cell-executor",
      autoStart: true,
      provides: notebook.INotebookCellExecutor,
      activate: () => ({
        async runCell(options) {
          // A kernel that has not answered yet loses what it is sent.
          await options.sessionContext?.ready;
          if (options.cell.isDisposed) return true; // of a notebook that was still loading
          const pages = open.get(options.notebook);
          // Before it, so that it sees what a build sees.
          if (pages?.kernel && options.cell.model.type === "code") pages.ask("enter").catch(() => {});
          const done = notebook.runCell(options);
          if (pages?.kernel && options.cell.model.type !== "raw") pages.evaluate(options.cell);
          done.finally(() => pages?.later()).catch(() => {});
          return done;
        },
      }),
    };

    const prose = {
      id: "jpreport:prose",
      autoStart: true,
      activate: (app) => {
        const style = document.createElement("style");
        style.textContent = STYLE;
        document.head.append(style);
        app.docRegistry.addWidgetExtension("Notebook", {
          createNew(panel, context) {
            const pages = new Pages(panel);
            open.set(context.model, pages);
            const { rendermime } = panel.content;
            const usual = rendermime.getFactory("text/markdown");
            const createRenderer = (options) =>
              renderer(Panel, Widget, pages, usual.createRenderer(options));
            rendermime.addFactory({ ...usual, mimeTypes: ["text/markdown"], createRenderer }, 0);
            // The canonical form has one name for the kernel: Lab's longer ones change nothing.
            const { model } = context;
            const set = model.setMetadata.bind(model);
            model.setMetadata = (key, value) => {
              const names = key === "kernelspec" || key === "language_info";
              if (!names || model.getMetadata(key)?.name !== value?.name) set(key, value);
            };
          },
        });
      },
    };
    return { __esModule: true, default: [executor, prose] };
  }

  (window._JUPYTERLAB ??= {}).jpreport = {
    init: (scope) => void (shared = scope),
    get: async () => {
      const module = await plugins();
      return () => module;
    },
  };
})();
