# The api. Python is not in it: training and editing run in the sidecar's own image.
FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production HAMLET_HOME=/data HOST=0.0.0.0
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force
COPY . .
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s CMD ["node", "-e", "fetch('http://127.0.0.1:3000/health/ready').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "src/cli.ts", "serve"]
